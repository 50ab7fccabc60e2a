// Prints how many milliseconds it takes to load a module: of the clock, and of the processor.
import { pathToFileURL } from 'node:url';

const url = pathToFileURL(process.argv[2]).href;
const before = process.cpuUsage();
const started = performance.now();
await import(url);
const elapsed = performance.now() - started;
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify([elapsed, (user + system) / 1_000]));
process.exit(0);
