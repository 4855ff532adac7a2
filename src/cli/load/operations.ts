import { OPERATIONS, type Operation } from '#proto/load/messages.ts';

/** Throws `RangeError`, for people. */
export function parseOperations(text: string): Operation[] {
  return text.split(',').map((word) => {
    const operation = OPERATIONS.find((each) => each === word);
    if (!operation) throw new RangeError(`operations are ${OPERATIONS.join(', ')}`);
    return operation;
  });
}
