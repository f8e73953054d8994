import type { AddressInfo, Server } from 'node:net';
import { ConfigError } from '../errors.ts';
import { systemCode } from '../train/disk/file-error.ts';

/** Where a server is to listen. */
export interface ListenOptions {
  /** The command, for errors. */
  readonly caller: string;
  readonly host: string;
  /** 0: any free one. Default: `firstPort`, or the next free one. */
  readonly port?: number | undefined;
  readonly firstPort: number;
}

/** Where a server listens. */
export interface Listening {
  readonly port: number;
  /** `http://name:port`, with a name that a browser can be given. */
  readonly origin: string;
}

/** So many ports are tried, from the first on. */
const PORTS_TRIED = 20;

/**
 * Makes a server listen.
 *
 * @throws ConfigError where the address or the port cannot be taken, with what to do about it
 */
export async function listen(
  server: Server,
  { caller, host, port: asked, firstPort }: ListenOptions,
): Promise<Listening> {
  const first = asked ?? firstPort;
  const last = first + (asked === undefined ? PORTS_TRIED : 0);
  for (let port = first; ; port++) {
    try {
      await listenOnce(server, host, port);
      break;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EADDRINUSE' && port < last) continue;
      throw new ConfigError(
        `${caller}: ${host}:${port} must be free to listen on, got ${code}. ${advice(code)}`,
        { cause: error },
      );
    }
  }
  const { port } = server.address() as AddressInfo;
  // "All addresses" is no address that a browser can be given.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return { port, origin: `http://${name}:${port}` };
}

function advice(code: string | undefined): string {
  if (code === 'EADDRINUSE') return 'Choose another with --port, or --port 0 for any';
  if (code === 'EACCES') return 'Choose a port above 1023 with --port';
  return 'Choose an address of this machine with --host';
}

function listenOnce(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
