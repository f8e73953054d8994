import * as z from 'zod';
import { configSchema } from './config.ts';
import { presets } from './presets.ts';

/**
 * The JSON Schema of a config file, for editors: it completes keys, explains them and marks wrong values.
 *
 * A file holds any part of a config, since the preset says the rest, so no key is required in it except those that
 * tell a layer, an initialiser or a schedule from its alternatives.
 *
 * @see https://json-schema.org/draft/2020-12
 */
export function configFileJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      const alternative = path.some((key) => key === 'anyOf');
      // By `name` alone a part such as {"learningRate": 0.1} fits several optimisers, which `oneOf` would refuse.
      if (jsonSchema.oneOf) {
        jsonSchema.anyOf = jsonSchema.oneOf;
        delete jsonSchema.oneOf;
      }
      if (!alternative) delete jsonSchema.required;
    },
  });
  const properties = schema.properties as Record<string, Record<string, unknown>>;
  properties['preset'] = { ...properties['preset'], enum: Object.keys(presets) };
  properties['$schema'] = { type: 'string', description: 'Where this schema lies.' };
  return { ...schema, title: 'zerosum training config' } as Record<string, unknown>;
}
