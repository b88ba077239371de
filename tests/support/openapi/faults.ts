/** The differences of requests and answers from openapi.json since the last test. */
const faults: string[] = [];

export function addFault(fault: string): void {
  faults.push(fault);
}

/** @throws Error that lists the faults since the last call. */
export function throwFaults(): void {
  const found = faults.splice(0);
  if (found.length > 0) throw new Error(`differs from openapi.json:\n${found.join('\n')}`);
}
