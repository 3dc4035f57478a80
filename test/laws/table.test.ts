import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formCalls } from '../../src/backend/install.js';
import type { Spec } from '../../src/commands/spec.js';
import { commands, commandTable } from '../../src/commands/table.js';
import { handlerOf } from '../../src/engine/handlers/table.js';

const specs = Object.entries(commands) as [string, Spec][];

it('every command has a handler', () => {
  const without = commandTable.all.filter((spec) => !spec.container && typeof handlerOf(spec) !== 'function');
  assert.deepEqual(
    without.map(({ name }) => name),
    [],
  );
});

it('every façade method has one name', () => {
  const methods = formCalls().map(({ form }) => form.method);
  assert.deepEqual(
    methods.filter((method, i) => methods.indexOf(method) !== i),
    [],
  );
});

it('every command is in the table once', () => {
  const names = commandTable.all.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

it('every form names params that its command has', () => {
  for (const [, spec] of specs) {
    const known = new Set(spec.args.flatMap((term) => [term.name, ...(term.options ?? []).map(({ name }) => name)]));
    for (const form of spec.forms) {
      for (const name of [...(form.take ?? []), ...(form.omit ?? []), ...Object.keys(form.fix ?? {})]) {
        assert.ok(known.has(name), `${form.method} names '${name}', which ${spec.name} does not have`);
      }
    }
  }
});

it('a command without a method is a container or says that it is hidden', () => {
  const silent = commandTable.all.filter((spec) => spec.forms.length === 0 && !spec.container && !spec.hidden);
  assert.deepEqual(
    silent.map(({ name }) => name),
    [],
  );
});

it('what is written here describes the command in its own words', () => {
  for (const spec of commandTable.all) {
    assert.match(spec.since, /^\d+\.\d+\.\d+$/, spec.name);
    assert.ok(spec.summary.length > 10 && spec.summary.endsWith('.'), `${spec.name}: ${spec.summary}`);
    if (!spec.container) assert.match(spec.complexity, /^(O\(|Depends on )/, `${spec.name}: ${spec.complexity}`);
  }
});
