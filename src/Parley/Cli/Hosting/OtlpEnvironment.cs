using Parley.Hub.Telemetry;
using Parley.Protocol.Errors;

namespace Parley.Cli.Hosting;

/// <summary>The variables of OpenTelemetry that decide whether anything is exported; the export library reads the rest (headers, intervals, resource) itself.</summary>
/// <param name="HasEndpoint">Whether a variable names a collector for traces, metrics or both.</param>
/// <param name="IsDisabled"><c>OTEL_SDK_DISABLED=true</c>.</param>
/// <param name="IsGrpc"><c>OTEL_EXPORTER_OTLP_PROTOCOL=grpc</c>.</param>
/// <param name="HasServiceName"><c>OTEL_SERVICE_NAME</c> is set.</param>
/// <param name="HasSampler"><c>OTEL_TRACES_SAMPLER</c> is set.</param>
internal sealed record OtlpEnvironment(bool HasEndpoint, bool IsDisabled, bool IsGrpc, bool HasServiceName, bool HasSampler)
{
    /// <summary>No variable is set.</summary>
    public static OtlpEnvironment None { get; } = new(false, false, false, false, false);

    /// <summary>Reads the variables.</summary>
    public static OtlpEnvironment Read(Func<string, string?> environment)
    {
        return new OtlpEnvironment(
            Has("OTEL_EXPORTER_OTLP_ENDPOINT") || Has("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") || Has("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
            string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase),
            environment("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc",
            Has("OTEL_SERVICE_NAME"),
            Has("OTEL_TRACES_SAMPLER"));

        bool Has(string name) => !string.IsNullOrEmpty(environment(name));
    }

    /// <summary>What the hub is told; null when nothing is exported.</summary>
    /// <param name="option">The value of <c>--otlp</c>, which wins over the variables and is HTTP.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public OtlpOptions? ToOptions(string? option)
    {
        if (IsDisabled || (option is null && !HasEndpoint))
        {
            return null;
        }

        return new OtlpOptions
        {
            Endpoint = option is null ? null : ReadAddress(option),
            IsGrpc = option is null && IsGrpc,
            ServiceName = HasServiceName ? null : "parley-hub",
            IsSampledByEnvironment = HasSampler,
        };
    }

    private static Uri ReadAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address is { UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 }
            ? address
            : throw new ParleyException(
                ErrorCode.InvalidArgument, "--otlp is http://HOST:PORT or https://HOST:PORT, without credentials: those belong into OTEL_EXPORTER_OTLP_HEADERS.");
}
