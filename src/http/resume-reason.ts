/** A resume is given with a reason; only its preview needs none. */
import type { Static } from 'typebox';
import type { ResumeBody } from './schemas.ts';
import { badField } from './validation.ts';

/** @throws QktError QKT_E_BAD_REQUEST that names the member */
export function reasonOf({ reason }: Static<typeof ResumeBody>): string {
  if (reason !== undefined) return reason;
  throw badField('reason', 'the body member `reason` is missing');
}
