import { NEWEST_VERSION, serverVersions } from '../commands/version.js';
import type { Bytes } from '../core/bytes.js';
import { anyOf, InvalidParameter, LONG_MAX, text, UINT_MAX } from './config-kind.js';
import {
  asFlag,
  asNumber,
  asText,
  type Binding,
  choice,
  dashed,
  flag,
  label,
  name,
  number,
  type Parameter,
  since,
  special,
} from './config-parameter.js';
import { bindAddresses, DEFAULT_BIND, oomScores, outputLimits } from './config-special.js';
import type { OutputLimit, Settings } from './settings.js';

const ofAccepting = 'Node accepts connections as they come';
const ofKernel = 'Node.js gives no access to this part of the operating system';
const ofCrashes = 'there is no crash reporter';
const ofThreads = 'one thread does all reading and writing';
const ofModules = 'modules cannot be loaded';
const ofTls = 'Node.js chooses this itself';

const size = { min: 1_048_576, max: LONG_MAX, unit: 'memory' } as const;
const atStart = { immutable: true } as const;

const limitClasses = [
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['pubsub', 'pubsub'],
] as const;

const outputLimitsBinding: Binding = {
  read({ outputLimits: limits }) {
    const line = (word: string, { hardBytes, softBytes, softSeconds }: OutputLimit): string =>
      `${word} ${hardBytes} ${softBytes} ${softSeconds}`;
    return limitClasses.map(([word, key]) => line(word, limits[key])).join(' ');
  },
  write({ outputLimits: limits }: Settings, value) {
    const words = value.split(' ');
    limitClasses.forEach(([, key], i) => {
      const [hardBytes, softBytes, softSeconds] = words.slice(i * 4 + 1, i * 4 + 4).map(Number);
      Object.assign(limits[key], { hardBytes, softBytes, softSeconds });
    });
  },
};

/** What Redis has no parameter for. */
const own: Parameter[] = [
  choice('server-version', NEWEST_VERSION, serverVersions, {
    immutable: true,
    hidden: true,
    own: true,
    binding: asText('serverVersion'),
  }),
];

const network: Parameter[] = [
  number('port', 6379, { max: 65535 }),
  special('bind', bindAddresses, DEFAULT_BIND, { multi: true }),
  name('bind-source-addr'),
  flag('protected-mode', 'yes', { binding: asFlag('protectedMode') }),
  name('unixsocket', atStart),
  number('unixsocketperm', 0, { max: 0o777, unit: 'octal', unsigned: true }, atStart),
  number('tcp-backlog', 511, {}, atStart),
  number('tcp-keepalive', 300, {}, { binding: asNumber('tcpKeepalive') }),
  number('timeout', 0, {}, { binding: asNumber('timeout') }),
  number('maxclients', 10_000, { min: 1, max: UINT_MAX, unsigned: true }, { binding: asNumber('maxclients') }),
  number('socket-mark-id', 0, { max: UINT_MAX, unsigned: true }, { ...atStart, inert: ofKernel }),
  number('proto-max-bulk-len', 536_870_912, size, { binding: asNumber('protoMaxBulkLen') }),
  number(
    'client-query-buffer-limit',
    1_073_741_824,
    { ...size, unsigned: true },
    { binding: asNumber('clientQueryBufferLimit') },
  ),
  special(
    'client-output-buffer-limit',
    outputLimits,
    'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
    {
      multi: true,
      binding: outputLimitsBinding,
    },
  ),
  number('io-threads', 1, { min: 1, max: 128 }, { ...atStart, inert: ofThreads }),
  flag('io-threads-do-reads', 'no', { ...atStart, until: '8.0.0', inert: ofThreads }),
];

const access: Parameter[] = [
  name('requirepass', { sensitive: true, binding: asText('requirepass') }),
  label('aclfile', '', atStart),
  number('acllog-max-len', 128, { max: LONG_MAX }, { binding: asNumber('acllogMaxLen') }),
  choice('acl-pubsub-default', 'resetchannels', ['allchannels', 'resetchannels'], {
    binding: asText('aclPubsubDefault'),
  }),
  choice('enable-debug-command', 'no', ['no', 'yes', 'local'], { ...atStart, binding: asText('enableDebugCommand') }),
  choice('enable-protected-configs', 'no', ['no', 'yes', 'local'], {
    ...atStart,
    binding: asText('enableProtectedConfigs'),
  }),
  choice('enable-module-command', 'no', ['no', 'yes', 'local'], {
    ...atStart,
    binding: asText('enableModuleCommand'),
    inert: ofModules,
  }),
];

const titleVariables = ['title', 'listen-addr', 'server-mode', 'port', 'tls-port', 'unixsocket', 'config-file'];

function checkTitle(template: Bytes): void {
  const rest = template.replace(/\{([^{}]*)\}/g, (_, word: string) => (titleVariables.includes(word) ? '' : '{'));
  if (rest.includes('{') || template.trim() === '')
    throw new InvalidParameter('template format is invalid or contains unknown variables');
}

function checkSignalOptions(chosen: ReadonlySet<string>): void {
  if (chosen.has('save') && chosen.has('nosave')) {
    throw new InvalidParameter("shutdown options SAVE and NOSAVE can't be used simultaneously");
  }
}

const onSignal = anyOf(['default', 'save', 'nosave', 'now', 'force'], checkSignalOptions);

const process: Parameter[] = [
  flag('daemonize', 'no', atStart),
  choice('supervised', 'no', ['upstart', 'systemd', 'auto', 'no'], { ...atStart, inert: ofKernel }),
  name('pidfile', atStart),
  { name: 'dir', kind: text(), initial: '', protected: true, fixedWhileLoading: true },
  choice('loglevel', 'notice', ['debug', 'verbose', 'notice', 'warning'], { binding: asText('logLevel') }),
  label('logfile', '', atStart),
  flag('syslog-enabled', 'no', { ...atStart, inert: ofKernel }),
  label('syslog-ident', 'redis', { ...atStart, inert: ofKernel }),
  choice(
    'syslog-facility',
    'local0',
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    {
      ...atStart,
      inert: ofKernel,
    },
  ),
  flag('always-show-logo', 'no', { ...atStart, inert: 'there is no logo' }),
  flag('set-proc-title', 'yes', atStart),
  label('proc-title-template', '{title} {listen-addr} {server-mode}', {
    check: checkTitle,
    inert: 'the title is always keyspan with the address',
  }),
  flag('crash-log-enabled', 'yes', { inert: ofCrashes }),
  flag('crash-memcheck-enabled', 'yes', { inert: ofCrashes }),
  flag('use-exit-on-panic', 'no', { hidden: true, inert: ofCrashes }),
  flag('disable-thp', 'yes', { ...atStart, inert: ofKernel }),
  choice('oom-score-adj', 'no', ['no', 'yes', 'absolute'], { inert: ofKernel }, { relative: 'yes' }),
  special('oom-score-adj-values', oomScores, '0 200 800', { multi: true, inert: ofKernel }),
  name('server_cpulist', { ...dashed('server-cpulist'), ...atStart, inert: ofKernel }),
  name('bio_cpulist', { ...dashed('bio-cpulist'), ...atStart, inert: ofKernel }),
  since('7.2.0', label('locale-collate', '', { inert: 'sorting compares bytes' })),
  since('7.4.0', flag('hide-user-data-from-log', 'no', { inert: 'the log has no data of users' })),
  since('7.4.0', number('max-new-connections-per-cycle', 10, { min: 1, max: 1000 }, { inert: ofAccepting })),
  since('7.4.0', number('max-new-tls-connections-per-cycle', 1, { min: 1, max: 1000 }, { inert: ofAccepting })),
  number('shutdown-timeout', 10, {}),
  {
    name: 'shutdown-on-sigint',
    kind: onSignal,
    initial: 'default',
    multi: true,
  },
  {
    name: 'shutdown-on-sigterm',
    kind: onSignal,
    initial: 'default',
    multi: true,
  },
];

const tls: Parameter[] = [
  number('tls-port', 0, { max: 65535 }),
  name('tls-cert-file'),
  name('tls-key-file'),
  name('tls-key-file-pass'),
  name('tls-ca-cert-file'),
  name('tls-ca-cert-dir'),
  name('tls-dh-params-file'),
  choice('tls-auth-clients', 'yes', ['no', 'yes', 'optional']),
  name('tls-protocols'),
  name('tls-ciphers'),
  name('tls-ciphersuites'),
  flag('tls-prefer-server-ciphers', 'no'),
  flag('tls-session-caching', 'yes', { inert: ofTls }),
  number('tls-session-cache-size', 20_480, {}, { inert: ofTls }),
  number('tls-session-cache-timeout', 300, {}, { inert: ofTls }),
  name('tls-client-cert-file'),
  name('tls-client-key-file'),
  name('tls-client-key-file-pass'),
  flag('tls-cluster', 'no'),
  flag('tls-replication', 'no'),
];

export const serverParameters: readonly Parameter[] = [...own, ...network, ...access, ...process, ...tls];
