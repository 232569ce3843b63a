/** What an Accept header asks for. */

export interface MediaRange {
  readonly type: string;
  readonly version: string | undefined;
  /** 1 unless said, 0 where it is no number. */
  readonly weight: number;
}

/** The ranges of an Accept header in its order, in lower case. */
export const mediaRanges = (accept: string): readonly MediaRange[] => accept.toLowerCase().split(',').map(rangeOf);

/** The weight that an Accept header gives a type by its name; 0 when it does not name it. */
export const quality = (accept: string, type: string): number =>
  mediaRanges(accept).find((range) => range.type === type)?.weight ?? 0;

function rangeOf(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const of = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  const weight = of('q');
  return {
    type,
    version: of('version')?.replaceAll('"', ''),
    weight: weight === undefined ? 1 : Number(weight) || 0,
  };
}
