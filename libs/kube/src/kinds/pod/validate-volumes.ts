import { parseQuantity } from "../../quantity/quantity.ts";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../validation/field-error.ts";
import {
  absolutePathProblems,
  backStepProblems,
  configKeyProblems,
  dnsLabelProblems,
  localPathProblems,
} from "../../validation/formats.ts";
import { validateFieldRef, validateResourceFieldRef, volumeFieldPaths } from "./validate-env.ts";
import { type KeyToPath, type Volume, type VolumeSourceName, volumeSourceNames } from "./volume-schema.ts";

// pkg/apis/core/validation/validation.go ValidateVolumes

const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

function validateMode(mode: number | undefined, field: string): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive")];
}

function validateLocalPath(path: string, field: string): FieldError[] {
  if (path === "") return [required(field)];
  const problems =
    path.startsWith("..") && path !== ".." && !path.startsWith("../") ? ["must not start with '..'"] : [];
  return [...localPathProblems(path), ...problems].map((problem) => invalid(field, path, problem));
}

function validateItems(items: readonly KeyToPath[] | undefined, field: string): FieldError[] {
  return (items ?? []).flatMap((item, index) => {
    const at = `${field}[${index}]`;
    return [
      ...(item.key === ""
        ? [required(`${at}.key`)]
        : configKeyProblems(item.key).map((one) => invalid(`${at}.key`, item.key, one))),
      ...validateLocalPath(item.path, `${at}.path`),
      ...validateMode(item.mode, `${at}.mode`),
    ];
  });
}

function requireText(value: string | undefined, field: string): FieldError[] {
  return value === undefined || value === "" ? [required(field)] : [];
}

type DownwardItems = NonNullable<Volume["downwardAPI"]>["items"];

/** Kubernetes names the volume and not the item: validateDownwardAPIVolumeSource. */
function validateDownwardItems(items: DownwardItems, at: string): FieldError[] {
  return (items ?? []).flatMap((item) => {
    const errors = [...validateLocalPath(item.path, `${at}.path`), ...validateMode(item.mode, `${at}.mode`)];
    if (item.fieldRef !== undefined && item.resourceFieldRef !== undefined) {
      errors.push(invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
    } else if (item.fieldRef !== undefined)
      errors.push(...validateFieldRef(item.fieldRef, volumeFieldPaths, `${at}.fieldRef`));
    else if (item.resourceFieldRef !== undefined) {
      errors.push(...validateResourceFieldRef(item.resourceFieldRef, `${at}.resourceFieldRef`, true));
    } else errors.push(required(at, "one of fieldRef and resourceFieldRef is required"));
    return errors;
  });
}

type ProjectedSource = NonNullable<NonNullable<Volume["projected"]>["sources"]>[number];

function validateProjectedSource(source: ProjectedSource, field: string): FieldError[] {
  const set = Object.entries(source).filter(([, value]) => value !== undefined);
  const errors: FieldError[] = [];
  for (const [name] of set.slice(1))
    errors.push(forbidden(`${field}.${name}`, "may not specify more than 1 volume type"));
  const { secret, configMap, downwardAPI, serviceAccountToken } = source;
  if (secret !== undefined) {
    errors.push(
      ...requireText(secret.name, `${field}.secret.name`),
      ...validateItems(secret.items, `${field}.secret.items`),
    );
  }
  if (configMap !== undefined) {
    errors.push(...requireText(configMap.name, `${field}.configMap.name`));
    errors.push(...validateItems(configMap.items, `${field}.configMap.items`));
  }
  if (downwardAPI !== undefined) errors.push(...validateDownwardItems(downwardAPI.items, `${field}.downwardAPI`));
  if (serviceAccountToken !== undefined) {
    const seconds = serviceAccountToken.expirationSeconds ?? 3600;
    const at = `${field}.serviceAccountToken`;
    if (seconds < 600)
      errors.push(invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes"));
    if (seconds > 2 ** 32)
      errors.push(invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds"));
    errors.push(...validateLocalPath(serviceAccountToken.path, `${at}.path`));
  }
  return errors;
}

type SourceRule<K extends VolumeSourceName> = (source: NonNullable<Volume[K]>, field: string) => FieldError[];

/** Rules of the sources that have any. */
const sourceRules: { readonly [K in VolumeSourceName]?: SourceRule<K> } = {
  emptyDir: ({ sizeLimit }, field) =>
    sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n
      ? [forbidden(`${field}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
      : [],
  hostPath: ({ path, type }, field) => {
    if (path === "") return [required(`${field}.path`)];
    const back = backStepProblems(path).map((problem) => invalid(`${field}.path`, path, problem));
    const known = type === undefined || hostPathTypes.includes(type);
    return [...back, ...(known ? [] : [notSupported(`${field}.type`, type, hostPathTypes)])];
  },
  secret: ({ secretName, defaultMode, items }, field) => [
    ...requireText(secretName, `${field}.secretName`),
    ...validateMode(defaultMode, `${field}.defaultMode`),
    ...validateItems(items, `${field}.items`),
  ],
  configMap: ({ name, defaultMode, items }, field) => [
    ...requireText(name, `${field}.name`),
    ...validateMode(defaultMode, `${field}.defaultMode`),
    ...validateItems(items, `${field}.items`),
  ],
  downwardAPI: ({ items, defaultMode }, field) => [
    ...validateMode(defaultMode, `${field}.defaultMode`),
    ...validateDownwardItems(items, field),
  ],
  projected: ({ sources, defaultMode }, field) => [
    ...validateMode(defaultMode, `${field}.defaultMode`),
    ...(sources ?? []).flatMap((source, index) => validateProjectedSource(source, `${field}.sources[${index}]`)),
  ],
  nfs: ({ server, path }, field) => [
    ...requireText(server, `${field}.server`),
    ...(path === ""
      ? [required(`${field}.path`)]
      : absolutePathProblems(path).map(() => invalid(`${field}.path`, path, "must be an absolute path"))),
  ],
  persistentVolumeClaim: ({ claimName }, field) => requireText(claimName, `${field}.claimName`),
  csi: ({ driver }, field) => requireText(driver, `${field}.driver`),
  gitRepo: ({ repository }, field) => requireText(repository, `${field}.repository`),
  ephemeral: ({ volumeClaimTemplate }, field) =>
    volumeClaimTemplate === undefined ? [required(`${field}.volumeClaimTemplate`)] : [],
};

function validateSource<K extends VolumeSourceName>(volume: Volume, name: K, field: string): FieldError[] {
  const source = volume[name];
  const rule = sourceRules[name];
  return source === undefined || source === null || rule === undefined ? [] : rule(source, `${field}.${name}`);
}

function validateVolume(volume: Volume, field: string): FieldError[] {
  const [first, ...more] = volumeSourceNames.filter((name) => volume[name] !== undefined);
  if (first === undefined) return [required(field, "must specify a volume type")];
  return [
    ...validateSource(volume, first, field),
    ...more.map((name) => forbidden(`${field}.${name}`, "may not specify more than 1 volume type")),
  ];
}

export function validateVolumes(volumes: readonly Volume[] | undefined, field: string): FieldError[] {
  const seen = new Set<string>();
  return (volumes ?? []).flatMap((volume, index) => {
    const at = `${field}[${index}]`;
    const errors = validateVolume(volume, at);
    if (volume.name === "") errors.push(required(`${at}.name`));
    else if (dnsLabelProblems(volume.name).length > 0) {
      errors.push(...dnsLabelProblems(volume.name).map((problem) => invalid(`${at}.name`, volume.name, problem)));
    } else if (seen.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    seen.add(volume.name);
    return errors;
  });
}
