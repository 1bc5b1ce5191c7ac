using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Parley.Hub.Telemetry;

/// <summary>Sends the hub's spans and figures to a collector. Nothing else names the export library, so that a hub without a collector does not load it.</summary>
internal sealed class OtlpExport : IDisposable
{
    // A collector that does not answer must not hold up the stop.
    private const int FlushMilliseconds = 2000;

    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private OtlpExport(TracerProvider traces, MeterProvider metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Begins to export.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="tracePercent">Of a hundred messages, how many become a span.</param>
    /// <param name="hubId">Tells hubs apart.</param>
    public static IDisposable Start(OtlpOptions options, int tracePercent, string hubId)
    {
        var resource = ResourceBuilder.CreateDefault();
        if (options.ServiceName is { } name)
        {
            resource.AddService(name, serviceVersion: MessageTelemetry.Version, serviceInstanceId: hubId);
        }

        var traces = Sdk.CreateTracerProviderBuilder().AddSource(MessageTelemetry.SourceName).SetResourceBuilder(resource)
            .AddOtlpExporter(exporter => Configure(exporter, options, "v1/traces"));
        if (!options.IsSampledByEnvironment)
        {
            traces.SetSampler(new TraceIdRatioBasedSampler(tracePercent / 100d));
        }

        var metrics = Sdk.CreateMeterProviderBuilder().AddMeter(HubMetrics.MeterName).SetResourceBuilder(resource)
            .AddOtlpExporter(exporter => Configure(exporter, options, "v1/metrics"));
        return new OtlpExport(traces.Build(), metrics.Build());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces.Shutdown(FlushMilliseconds);
        _metrics.Shutdown(FlushMilliseconds);
        _traces.Dispose();
        _metrics.Dispose();
    }

    private static void Configure(OtlpExporterOptions exporter, OtlpOptions options, string path)
    {
        exporter.Protocol = options.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (options.Endpoint is { } endpoint)
        {
            // The library adds the signal's path only to an address that it read itself.
            exporter.Endpoint = options.IsGrpc ? endpoint : new Uri(new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/"), path);
        }
    }
}
