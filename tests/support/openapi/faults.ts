/** How requests and answers of this test file differ from openapi.json; taken after each test. */
const faults: string[] = [];

export function addFault(fault: string): void {
  faults.push(fault);
}

/** @throws Error that lists what was added since the last call. */
export function throwFaults(): void {
  const found = faults.splice(0);
  if (found.length > 0) throw new Error(`not as in openapi.json:\n${found.join('\n')}`);
}
