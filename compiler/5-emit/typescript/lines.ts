// A kernel's text while it is written. A writer that has to tell strings from comments in what it is given looks at each character;
// here it is known that lines are whole.

export class Lines {
  private readonly all: string[] = [];
  private indent = "";

  writeLine(line: string): void {
    this.all.push(this.indent + line);
  }

  block(head: string, body: () => void): void {
    const outer = this.indent;
    this.writeLine(head === "" ? "{" : `${head} {`);
    this.indent = `${outer}  `;
    body();
    this.indent = outer;
    this.writeLine("}");
  }

  toString(): string {
    return this.all.map((line) => `${line}\n`).join("");
  }
}
