// How long the tasks of a page's main thread are, in time that the processor gave to them: what a busy machine takes from a page between two
// instructions is no work of the page, and would be counted by PerformanceObserver's "longtask".

import type { Browser, Page } from "playwright-core";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the thread's own time. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata"];

/** Milliseconds of each task of the main thread while the page does something, the longest first. */
export async function mainThreadTasks(
  browser: Browser,
  page: Page,
  act: () => Promise<void>,
): Promise<readonly number[]> {
  await browser.startTracing(page, { categories: CATEGORIES });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: readonly TraceEvent[];
  };
  const threads = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  // Of all renderers the one that draws a page.
  const main = threads.find(({ pid }) => traceEvents.some((event) => event.pid === pid && event.name === "PrePaint"));
  if (main === undefined) throw new Error("nothing was drawn while the page was watched");
  return traceEvents
    .filter(({ name, pid, tid }) => pid === main.pid && tid === main.tid && name.endsWith("RunTask"))
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((a, b) => b - a);
}
