/** Runs the parser beside the page, so that a large file does not freeze it. */
addEventListener('message', () => postMessage('not ready'));
