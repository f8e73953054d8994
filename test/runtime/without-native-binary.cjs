// Preloaded with --require: makes this machine look like one for which onnxruntime-node ships no binary.
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  if (request.endsWith('.node')) throw new Error(`Cannot find module '${request}'`);
  return resolve(request, ...rest);
};
