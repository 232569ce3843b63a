/**
 * Puts a function around a method of a class for the time of a measurement.
 * @param around takes the method as it was (call it with the same `this`) and gives what stands in
 * @returns what puts the method back
 */
export function wrap(prototype, name, around) {
  const original = Reflect.get(prototype, name);
  prototype[name] = around(original);
  return () => {
    prototype[name] = original;
  };
}
