import type { Spec } from '../commands/spec.js';
import type { EngineSession } from './session.js';

/** EVAL, FCALL and their like: what they do is done by other commands, so MONITOR shows them before those. */
export function runsScript({ group, flags }: Spec): boolean {
  return group === 'scripting' && flags.includes('skip_monitor');
}

/** Shows a session's command to those who gave MONITOR. What only administrators give is kept from them. */
export function feedMonitors(session: EngineSession, spec: Spec): void {
  if (spec.flags.includes('admin')) return;
  const { monitors, slowlog, clock } = session.engine;
  const line = slowlog.monitorLine(session, session.argv, clock.now());
  for (const monitor of monitors) monitor.pushLine(line);
}
