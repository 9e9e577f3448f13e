// Compiles one of the networks in a process of its own, on the main thread's stack: compile.mjs <networks> <compiler> <name> <size>
// Prints the seconds that it took: by the clock, or of work where the machine did other things too.

const [networks, compiler, name, size] = process.argv.slice(2);
const { [name]: make } = await import(networks);
const { compile } = await import(compiler);
const network = make(Number(size));

const [start, work] = [performance.now(), process.cpuUsage()];
const { source } = compile(network);
const bytes = source.length;
const { user, system } = process.cpuUsage(work);
const seconds = Math.min((performance.now() - start) / 1e3, (user + system) / 1e6);
console.log(JSON.stringify({ seconds, bytes }));
