import { masterOf, peerOf, replicaOf } from '../commands/sentinel-reply.js';
import { bytesOf, isAbsent, itemsOf } from '../commands/shape.js';
import { textFromBytes } from '../core/bytes.js';
import { replyErrorOf } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { Address } from './address.js';
import type { ConnectionSettings } from './client-options.js';
import type { Inquirer } from './inquiry.js';

/** What a Sentinel says of a service. */
export interface SentinelAnswer {
  /** Null: it does not know the service. */
  readonly primary: Address | null;
  /** Counts the failovers that it knows of. A Sentinel that missed one has a smaller number. */
  readonly epoch: number;
  /** The other Sentinels of the service. */
  readonly peers: readonly Address[];
}

/** A replica that a Sentinel knows, and whether it seems to be well. */
export interface SentinelReplicaAnswer {
  readonly address: Address;
  readonly isUp: boolean;
  /** Whether it hears its primary. */
  readonly isLinked: boolean;
}

/** Asks a Sentinel for the primary of a service. Rejects when there is no answer, or an error as one. */
export async function askForPrimary(
  inquirer: Inquirer,
  settings: ConnectionSettings,
  service: string,
  timeout: number,
): Promise<SentinelAnswer> {
  const [address, state, peers] = await inquirer.ask(
    settings,
    [
      ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', service],
      ['SENTINEL', 'MASTER', service],
      ['SENTINEL', 'SENTINELS', service],
    ],
    timeout,
  );
  if (address instanceof ErrorReply) throw replyErrorOf(address.text, { command: 'SENTINEL' });
  return {
    primary: address === undefined || isAbsent(address) ? null : addressOfReply(address),
    epoch: state === undefined || state instanceof ErrorReply ? 0 : masterOf(state).configEpoch,
    peers: listOf(peers)
      .map(peerOf)
      .map(({ ip, port }) => ({ host: ip, port })),
  };
}

/** Asks a Sentinel for the replicas of a service. */
export async function askForReplicas(
  inquirer: Inquirer,
  settings: ConnectionSettings,
  service: string,
  timeout: number,
): Promise<SentinelReplicaAnswer[]> {
  const [reply] = await inquirer.ask(settings, [['SENTINEL', 'REPLICAS', service]], timeout);
  if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: 'SENTINEL' });
  return listOf(reply)
    .map(replicaOf)
    .filter(({ replicaAnnounced }) => replicaAnnounced)
    .map(({ ip, port, flags, masterLinkStatus }) => ({
      address: { host: ip, port },
      isUp: !flags.some((flag) => flag === 's_down' || flag === 'o_down' || flag === 'disconnected'),
      isLinked: masterLinkStatus === 'ok',
    }));
}

function addressOfReply(reply: Reply): Address {
  const [host, port] = (itemsOf(reply) ?? []).map((item) => textFromBytes(bytesOf(item) ?? ''));
  return { host: host ?? '', port: Number(port) };
}

function listOf(reply: Reply | undefined): Reply[] {
  return itemsOf(reply ?? null) ?? [];
}
