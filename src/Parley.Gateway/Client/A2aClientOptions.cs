using Parley.Gateway.ProtoJson;

namespace Parley.Gateway.Client;

/// <summary>What calls to one agent have in common.</summary>
public sealed record A2aClientOptions
{
    /// <summary>Who proves what; null calls without proof.</summary>
    public IA2aCredentials? Credentials { get; init; }

    /// <summary>URIs of extensions that the caller counts on.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Largest answer and its depth.</summary>
    /// <value>16 MiB, 32 levels.</value>
    public JsonLimits Limits { get; init; } = JsonLimits.Default;

    /// <summary>Largest event of a stream, and largest message of gRPC, in bytes.</summary>
    /// <value>16 MiB.</value>
    public int MaxEventBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Most bytes of one stream.</summary>
    /// <value>1 GiB.</value>
    public long MaxStreamBytes { get; init; } = 1L << 30;

    /// <summary>How long a call may take that waits for no work of the agent.</summary>
    /// <value>60 seconds.</value>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a send may take that waits for its answer.</summary>
    /// <value>10 minutes.</value>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a stream may last.</summary>
    /// <value>24 hours.</value>
    public TimeSpan StreamTimeout { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a stream may be silent, before its first byte too. Heartbeats count; not every server sends them.</summary>
    /// <value>10 minutes.</value>
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What the user-agent header says.</summary>
    public string UserAgent { get; init; } = "parley/1";
}
