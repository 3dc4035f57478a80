import { Redis } from './facade.js';
import { formCallOf, installForms } from './install.js';
import { awaited, laneMethods } from './lane-methods.js';

let installed = false;

/** Lets the asynchronous face take lanes. For those who make backends that have them: a client's program never does. */
export function installAsyncLanes(): void {
  if (installed) return;
  installed = true;
  const methods = Object.entries(laneMethods(formCallOf));
  installForms(
    Redis.prototype,
    Object.fromEntries(methods.map(([name, method]) => [name, awaited(method, formCallOf(name))])),
  );
}
