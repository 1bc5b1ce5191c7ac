using Parley.Client.Load;

namespace Parley.Benchmarks.Peers;

/// <summary>A messaging server under test, as a child process, with clients of our own in this process.</summary>
internal interface IRequestReplyPeer : IAsyncDisposable
{
    /// <summary>Short name in tables and in <c>--peers</c>.</summary>
    string Name { get; }

    /// <summary>The server's process, once started.</summary>
    int ProcessId { get; }

    /// <summary>Why this peer cannot run on this machine, or null when it can.</summary>
    string? Unavailable { get; }

    /// <summary>Starts the server, authentication on, and completes when it takes clients.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Attaches an agent that sends every request's payload back.</summary>
    Task<IAsyncDisposable> ConnectResponderAsync(string name, CancellationToken cancellationToken);

    /// <summary>Attaches an agent that asks.</summary>
    Task<IRequester> ConnectRequesterAsync(string name, CancellationToken cancellationToken);

    /// <summary>Attaches an agent that only waits, with small buffers.</summary>
    Task<IAsyncDisposable> ConnectIdleAsync(string name, CancellationToken cancellationToken);
}
