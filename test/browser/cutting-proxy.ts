import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Number of bytes of a request with a file after which its connection breaks, or `answer`: before the answer. */
type Cut = number | 'answer' | undefined;

/**
 * A proxy between a browser and the local cloud, whose connections break while a file is sent. Chromium repeats such a
 * request on each of its open connections.
 */
export class CuttingProxy {
  cut: Cut;
  readonly #server = createServer((incoming, response) => {
    const isFile = incoming.headers['content-type']?.startsWith('multipart/form-data') === true;
    let bytes = 0;
    const { url, method, headers, socket } = incoming;
    const upstream = request(url!, { method, headers }, (answer) => {
      if (isFile && this.cut === 'answer') breakOff();
      else answer.pipe(response.writeHead(answer.statusCode!, answer.headers));
    });
    const breakOff = () => {
      upstream.destroy();
      socket.destroy();
    };
    upstream.on('error', () => socket.destroy());
    response.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (isFile && !upstream.destroyed && typeof this.cut === 'number' && bytes > this.cut) breakOff();
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
