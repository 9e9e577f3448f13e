// An empty process: what Node itself takes.
export {};
