/**
 * The numbers of fields in k8s.io/api/events/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const eventsFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.events.v1.Event":
    "metadata=1 eventTime=2 series=3 reportingController=4 reportingInstance=5 action=6 reason=7 regarding=8 related=9 note=10 type=11 deprecatedSource=12 deprecatedFirstTimestamp=13 deprecatedLastTimestamp=14 deprecatedCount=15~",
  "io.k8s.api.events.v1.EventSeries": "count=1 lastObservedTime=2",
};
