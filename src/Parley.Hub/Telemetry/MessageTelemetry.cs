using System.Diagnostics;
using System.Diagnostics.Metrics;
using Parley.Protocol.Wire;

namespace Parley.Hub.Telemetry;

/// <summary>What became of each routed message, as figures, and as spans when somebody listens.</summary>
/// <remarks>
/// A span is made when the outcome is known, from the time of acceptance: the hot path keeps nothing for it, and without a listener it costs one look at a field.
/// Names follow the OpenTelemetry conventions for messaging. Of a message it tells id, kind, type and size: never content, addresses, threads or labels.
/// </remarks>
internal sealed class MessageTelemetry : IDisposable
{
    /// <summary>The name of the source of spans.</summary>
    public const string SourceName = "Parley.Hub";

    /// <summary>Upper bounds in seconds of the duration's buckets: from one millisecond, which is the clock's step, to the hours of an offline receiver.</summary>
    public static readonly double[] DurationBuckets = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600, 86400];

    private readonly ActivitySource _source = new(SourceName, Version);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _failures;
    private readonly TimeProvider _time;

    /// <summary>Telemetry of one hub.</summary>
    public MessageTelemetry(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(HubMetrics.MeterName);
        _duration = meter.CreateHistogram(
            "parley.message.duration", "s", "Time from acceptance to the receiver's acknowledgement", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });
        _failures = meter.CreateCounter<long>("parley.message.failures", description: "Messages that did not reach their receiver, by the name of the error");
    }

    /// <summary>The hub's version.</summary>
    public static string Version { get; } = typeof(MessageTelemetry).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>A message waits in a mailbox.</summary>
    public void Stored(Envelope envelope)
    {
        if (_source.HasListeners())
        {
            Trace("store mailbox", envelope, _time.GetUtcNow().ToUnixTimeMilliseconds(), null);
        }
    }

    /// <summary>A message reached its receiver.</summary>
    public void Delivered(Envelope envelope, long atMs)
    {
        _duration.Record(Math.Max(0, atMs - envelope.AcceptedAtMs) / 1000d);
        if (_source.HasListeners())
        {
            Trace("route mailbox", envelope, atMs, null);
        }
    }

    /// <summary>A message will not reach its receiver.</summary>
    public void Failed(Envelope envelope, string errorCode)
    {
        _failures.Add(1, new KeyValuePair<string, object?>("error.type", errorCode));
        if (_source.HasListeners())
        {
            Trace("route mailbox", envelope, _time.GetUtcNow().ToUnixTimeMilliseconds(), errorCode);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private void Trace(string name, Envelope envelope, long endedAtMs, string? errorCode)
    {
        // Each message is a trace of its own, not a part of the link's endless request.
        var outer = Activity.Current;
        Activity.Current = null;
        try
        {
            using var span = _source.StartActivity(name, ActivityKind.Producer, default(ActivityContext), startTime: DateTimeOffset.FromUnixTimeMilliseconds(envelope.AcceptedAtMs));
            if (span is null)
            {
                return;
            }

            var isReply = envelope.Kind == EnvelopeKind.Reply;
            span.SetTag("messaging.system", "parley");
            span.SetTag("messaging.operation.name", name[..name.IndexOf(' ', StringComparison.Ordinal)]);
            span.SetTag("messaging.operation.type", "send");
            span.SetTag("messaging.destination.template", "mailbox");
            span.SetTag("messaging.message.id", envelope.Id);
            span.SetTag("messaging.message.conversation_id", isReply ? envelope.Correlation : envelope.Id);
            span.SetTag("messaging.message.body.size", envelope.Body.Length);
            span.SetTag("parley.message.type", isReply ? "reply" : envelope.Type.ToString().ToLowerInvariant());
            span.SetTag("parley.message.hops", (long)envelope.Hops);
            if (errorCode is not null)
            {
                span.SetTag("error.type", errorCode);
                span.SetStatus(ActivityStatusCode.Error);
            }

            span.SetEndTime(DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(endedAtMs, envelope.AcceptedAtMs)).UtcDateTime);
        }
        finally
        {
            Activity.Current = outer;
        }
    }
}
