import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionState, connectionSteps, stepConnection } from '../../src/client/connection-state.js';
import { SignalGroups } from '../../src/client/signal-groups.js';
import { Alarm, DeadlineWatch, TimerWheel } from '../../src/client/timer-wheel.js';
import { millisNow } from '../../src/core/clock.js';
import { until } from '../support/until.js';

describe('timer wheel', () => {
  test('alarms ring in the order of their times, never early', async () => {
    const wheel = new TimerWheel();
    const rung: number[] = [];
    const start = millisNow();
    for (const ms of [60, 5, 30, 31, 5]) {
      wheel.set(
        new Alarm((now) => {
          assert.ok(now - start >= ms, `${ms} rang after ${now - start}`);
          rung.push(ms);
        }),
        start + ms,
      );
    }
    assert.equal(wheel.size, 5);
    await until(() => rung.length === 5);
    assert.deepEqual(
      rung.map((ms) => (ms === 31 ? 30 : ms)),
      [5, 5, 30, 30, 60],
    );
    assert.equal(wheel.size, 0);
  });

  test('a cleared alarm does not ring, a moved one rings once', async () => {
    const wheel = new TimerWheel();
    let rung = 0;
    const cleared = new Alarm(() => assert.fail('was cleared'));
    const moved = new Alarm(() => rung++);
    wheel.set(cleared, millisNow() + 5);
    wheel.set(moved, millisNow() + 5);
    wheel.set(moved, millisNow() + 20);
    wheel.clear(cleared);
    wheel.clear(cleared);
    await sleep(60);
    assert.equal(rung, 1);
    assert.equal(moved.isSet, false);
  });

  test('alarms far beyond one turn of the wheel wait for their own turn', () => {
    let now = 0;
    const wheel = new TimerWheel(() => now);
    const far = new Alarm(() => assert.fail('rang'));
    // The same slot, several turns later.
    wheel.set(far, 4096 * 3 + 40);
    wheel.set(new Alarm(() => {}), 40);
    now = 44;
    assert.equal(wheel.size, 2);
    wheel.clear(far);
    assert.equal(wheel.size, 1);
    wheel.set(far, Number.POSITIVE_INFINITY);
    assert.equal(far.isSet, false);
  });

  test('replies that are here win against a deadline that passed while the process was busy', async () => {
    const wheel = new TimerWheel();
    const order: string[] = [];
    wheel.set(new Alarm(() => order.push('alarm')), millisNow() + 5);
    setTimeout(() => order.push('timer'), 1);
    const until = millisNow() + 30;
    while (millisNow() < until);
    await sleep(20);
    assert.deepEqual(order, ['timer', 'alarm']);
  });

  test('a watch asks its owner only when the earliest deadline has come', async () => {
    const asked: number[] = [];
    const start = millisNow();
    const watch = new DeadlineWatch(() => {
      asked.push(Math.round(millisNow() - start));
      return asked.length === 1 ? start + 40 : Number.POSITIVE_INFINITY;
    });
    watch.note(start + 500);
    watch.note(start + 10);
    watch.note(start + 20);
    await until(() => asked.length === 2);
    watch.note(millisNow() + 5);
    watch.stop();
    await sleep(20);
    assert.equal(asked.length, 2);
  });
});

describe('connection states', () => {
  const states = Object.keys(connectionSteps) as ConnectionState[];
  test('steps of the table are taken, all others are assertions', () => {
    let legal = 0;
    for (const from of states) {
      for (const to of states) {
        if (connectionSteps[from].includes(to)) {
          assert.equal(stepConnection(from, to), to);
          legal++;
        } else {
          assert.throws(() => stepConnection(from, to), TypeError);
        }
      }
    }
    assert.equal(legal, 9);
  });
});

describe('signals', () => {
  test('however many follow a signal, it has one listener, and none when all are done', () => {
    const groups = new SignalGroups();
    const controller = new AbortController();
    const aborted: unknown[] = [];
    const members = Array.from({ length: 100 }, () => ({ abort: (reason: unknown) => void aborted.push(reason) }));
    for (const member of members) groups.add(controller.signal, member);
    assert.equal(groups.size, 1);
    for (const member of members.slice(50)) groups.remove(controller.signal, member);
    controller.abort('why');
    assert.deepEqual(
      aborted,
      Array.from({ length: 50 }, () => 'why'),
    );
    for (const member of members) groups.remove(controller.signal, member);
    assert.equal(groups.size, 0);
  });
});
