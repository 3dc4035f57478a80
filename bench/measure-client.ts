/** What is measured: calls that a client makes, several at a time. */
export interface ClientOperation<Client> {
  readonly name: string;
  /** Calls that are awaited at the same time. */
  readonly outstanding: number;
  /** Commands, or messages heard, per call. */
  readonly commands: number;
  /** `n` counts the calls. */
  run(client: Client, n: number): Promise<unknown>;
}

export interface Measurement {
  readonly perSecond: number;
  readonly cpu_us: number;
}

/** Repeats an operation for so long; the CPU time is that of the whole process, its other threads included. */
export async function measure<Client>(
  operation: ClientOperation<Client>,
  client: Client,
  ms: number,
): Promise<Measurement> {
  let calls = 0;
  let over = false;
  const worker = async (): Promise<void> => {
    while (!over) await operation.run(client, calls++);
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const workers = Array.from({ length: operation.outstanding }, worker);
  await new Promise((resolve) => setTimeout(resolve, ms));
  over = true;
  await Promise.all(workers);
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const commands = calls * operation.commands;
  return { perSecond: commands / seconds, cpu_us: (used.user + used.system) / commands };
}
