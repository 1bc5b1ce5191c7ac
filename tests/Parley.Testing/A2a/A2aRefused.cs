namespace Parley.Testing.A2a;

/// <summary>A refusal as a client saw it on its binding.</summary>
/// <param name="status">HTTP status, or gRPC's.</param>
/// <param name="code">The number that the body has for it; null where it has none.</param>
/// <param name="reason">The reason in its details.</param>
/// <param name="text">All of the answer, for failure messages.</param>
internal sealed class A2aRefused(int status, int? code, string reason, string text) : Exception($"{status}: {text}")
{
    /// <summary>HTTP status, or gRPC's.</summary>
    public int Status => status;

    /// <summary>The number that the body has for it.</summary>
    public int? Code => code;

    /// <summary>The reason in its details.</summary>
    public string Reason => reason;

    /// <summary>All of the answer.</summary>
    public string Text => text;

    /// <summary>Whether it came as an event of a stream that had begun.</summary>
    public bool IsEvent { get; init; }

    /// <summary>The headers of an HTTP answer.</summary>
    public System.Net.Http.Headers.HttpResponseHeaders? Headers { get; init; }
}
