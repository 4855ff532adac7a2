/** Makes the requests that its parent wants, from the network namespace that it runs in. */
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Asked } from './http-client.ts';

process.on('message', ({ id, url, method, headers, body, until }: Asked) => {
  const make = url.startsWith('https:') ? secureRequest : plainRequest;
  const outgoing = make(url, { method, headers, rejectUnauthorized: false, agent: false }, (response) => {
    let text = '';
    const done = () => {
      process.send?.({ id, status: response.statusCode, headers: response.headers, text });
      outgoing.destroy();
    };
    response.on('data', (data) => {
      text += data;
      if (until !== undefined && text.includes(until)) done();
    });
    response.on('end', done);
  });
  outgoing.on('error', ({ message }) => process.send?.({ id, error: `${method} ${url.slice(0, 200)}: ${message}` }));
  outgoing.end(body);
});
