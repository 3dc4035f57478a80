import { copyParameters } from './config-copy-parameters.js';
import { dataParameters } from './config-data-parameters.js';
import type { Parameter } from './config-parameter.js';
import { serverParameters } from './config-server-parameters.js';

/** Every configuration parameter of Redis 7.0, by its primary name, sorted. */
export const parameters: readonly Parameter[] = [...serverParameters, ...dataParameters, ...copyParameters].sort(
  (a, b) => (a.name < b.name ? -1 : 1),
);

/** By each name and alias, in lower case. */
export const parametersByName: ReadonlyMap<string, Parameter> = new Map(
  parameters.flatMap((parameter) => {
    const entry: [string, Parameter][] = [[parameter.name, parameter]];
    if (parameter.alias) entry.push([parameter.alias, parameter]);
    return entry;
  }),
);
