import { readEnvironment } from '../shared/environment.ts';
import { API_VARIABLES } from './environment.ts';

readEnvironment(API_VARIABLES, process.env);

/** Answers a request of the HTTP API or a message of the WebSocket API. */
export async function handler(): Promise<{ statusCode: number; body: string }> {
  return { statusCode: 501, body: '{}' };
}
