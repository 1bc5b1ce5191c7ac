namespace Parley.Hub.Telemetry;

/// <summary>Where traces and metrics go over OTLP. Headers, timeouts and intervals are the standard <c>OTEL_*</c> variables' business: headers may hold secrets.</summary>
internal sealed class OtlpOptions
{
    /// <summary>The collector, without the path of a signal; null = the variables name it.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Whether the variables ask for gRPC; else it is HTTP with protobuf.</summary>
    public bool IsGrpc { get; init; }

    /// <summary>The name under which the hub is shown; null when <c>OTEL_SERVICE_NAME</c> says it.</summary>
    public string? ServiceName { get; init; } = "parley-hub";

    /// <summary>Whether <c>OTEL_TRACES_SAMPLER</c> decides which messages are traced, instead of <see cref="HubOptions.TracePercent"/>.</summary>
    public bool IsSampledByEnvironment { get; init; }
}
