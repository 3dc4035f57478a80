/**
 * The life of a connection. It never goes back: a lost connection is replaced by a new one.
 *
 *   idle ──▶ connecting ──▶ handshake ──▶ ready ──▶ draining ──▶ closed
 *     │           │             │           │                      ▲
 *     └───────────┴─────────────┴───────────┴──────────────────────┘
 */
export type ConnectionState = 'idle' | 'connecting' | 'handshake' | 'ready' | 'draining' | 'closed';

/** Where each state may go. */
export const connectionSteps: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  idle: ['connecting', 'closed'],
  connecting: ['handshake', 'closed'],
  handshake: ['ready', 'closed'],
  /** Takes commands. */
  ready: ['draining', 'closed'],
  /** Takes no more commands, waits for the replies of those it has. */
  draining: ['closed'],
  closed: [],
};

/** The new state. A step that the table does not know is a bug of ours. */
export function stepConnection(from: ConnectionState, to: ConnectionState): ConnectionState {
  if (!connectionSteps[from].includes(to)) throw new TypeError(`illegal step of a connection: ${from} → ${to}`);
  return to;
}
