import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

// gnostic's form of an OpenAPI 2 document. Facts: google/gnostic openapiv2/OpenAPIv2.proto. Only what our documents
// have is in the tables; anything else is an error, so that nothing gets lost on the way.

type Json = Readonly<Record<string, unknown>>;
type Write = (writer: BinaryWriter, number: number, value: unknown) => void;
type Fields = Readonly<Record<string, readonly [number: number, write: Write]>>;

export function encodeGnostic(document: Json): Uint8Array {
  const writer = new BinaryWriter();
  writeFields(writer, documentFields, document);
  return writer.finish();
}

const text: Write = (writer, number, value) => {
  writer.tag(number, WireType.LengthDelimited).string(String(value));
};

const bool: Write = (writer, number, value) => {
  writer.tag(number, WireType.Varint).bool(value === true);
};

function submessage(writer: BinaryWriter, number: number, fill: () => void): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  fill();
  writer.join();
}

const message =
  (fields: () => Fields, extensions?: number): Write =>
  (writer, number, value) =>
    submessage(writer, number, () => writeFields(writer, fields(), value as Json, extensions));

const repeated =
  (write: Write): Write =>
  (writer, number, value) => {
    for (const each of value as unknown[]) write(writer, number, each);
  };

/** A message around the value, as gnostic has one wherever JSON allows a choice. */
const inside =
  (inner: number, write: Write): Write =>
  (writer, number, value) =>
    submessage(writer, number, () => write(writer, inner, value));

/** A map is a list of pairs of a name (1) and a value (2). */
const pairs =
  (write: Write): Write =>
  (writer, number, value) => {
    for (const [name, each] of Object.entries(value as Json)) {
      submessage(writer, number, () => {
        text(writer, 1, name);
        write(writer, 2, each);
      });
    }
  };

/** Any: value 1, yaml 2. JSON is YAML. */
const any: Write = (writer, number, value) => submessage(writer, number, () => text(writer, 2, JSON.stringify(value)));

function writeFields(writer: BinaryWriter, fields: Fields, value: Json, extensions?: number): void {
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const field = fields[name];
    if (field) field[1](writer, field[0], each);
    else if (extensions !== undefined && name.startsWith("x-")) pairs(any)(writer, extensions, { [name]: each });
    else throw new Error(`OpenAPI 2: ${name} has no place in gnostic's form`);
  }
}

const texts = repeated(text);
const schema = message(() => schemaFields, 31);

const schemaFields: Fields = {
  $ref: [1, text],
  format: [2, text],
  description: [4, text],
  uniqueItems: [16, bool],
  required: [19, texts],
  additionalProperties: [21, inside(1, schema)],
  type: [22, inside(1, text)],
  items: [23, inside(1, schema)],
  properties: [25, inside(1, pairs(schema))],
};

const bodyParameter: Fields = { name: [2, text], in: [3, text], required: [4, bool], schema: [5, schema] };

const queryParameter: Fields = {
  required: [1, bool],
  in: [2, text],
  name: [4, text],
  type: [6, text],
  uniqueItems: [20, bool],
};

const pathParameter: Fields = { ...queryParameter, uniqueItems: [19, bool] };

/** Which of Parameter's messages it is: a body parameter (1), or one of the others (2). */
const parameterForms: Readonly<Record<string, Write>> = {
  body: inside(
    1,
    inside(
      1,
      message(() => bodyParameter),
    ),
  ),
  query: inside(
    1,
    inside(
      2,
      inside(
        3,
        message(() => queryParameter),
      ),
    ),
  ),
  path: inside(
    1,
    inside(
      2,
      inside(
        4,
        message(() => pathParameter),
      ),
    ),
  ),
};

const parameter: Write = (writer, number, value) => {
  const place = String((value as Json).in);
  const write = parameterForms[place];
  if (!write) throw new Error(`OpenAPI 2: a parameter in ${place} has no place in gnostic's form`);
  write(writer, number, value);
};

const responseFields: Fields = { description: [1, text], schema: [2, inside(1, schema)] };

const operation = message(
  () => ({
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, repeated(parameter)],
    responses: [
      9,
      inside(
        1,
        pairs(
          inside(
            1,
            message(() => responseFields),
          ),
        ),
      ),
    ],
  }),
  13,
);

const pathItem = message(() => ({
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  patch: [8, operation],
  parameters: [9, repeated(parameter)],
}));

const documentFields: Fields = {
  swagger: [1, text],
  info: [2, message(() => ({ title: [1, text], version: [2, text] }))],
  paths: [8, inside(2, pairs(pathItem))],
  definitions: [9, inside(1, pairs(schema))],
};
