// Runs a program compiled for wasm32-unknown-unknown. It may import nothing; a panic is a trap.
import { readFileSync } from 'node:fs';

const program = await WebAssembly.compile(readFileSync(process.argv[2]));
const imports = WebAssembly.Module.imports(program);
if (imports.length > 0) throw new Error(`imports ${JSON.stringify(imports)}`);
const { exports } = await WebAssembly.instantiate(program, {});
if (exports.main(0, 0) !== 0) throw new Error('it did not end well');
