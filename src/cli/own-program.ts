/** Program and arguments that this process was started with: what further processes of the command line are started with. */
export function ownProgram(): readonly [string, ...string[]] {
  return [process.execPath, ...process.execArgv, process.argv[1]!];
}
