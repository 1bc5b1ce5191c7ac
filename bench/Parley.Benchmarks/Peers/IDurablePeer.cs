using Parley.Client.Load;

namespace Parley.Benchmarks.Peers;

/// <summary>A peer that keeps messages for agents that are away.</summary>
internal interface IDurablePeer : IRequestReplyPeer
{
    /// <summary>Creates an agent without attaching it, so that messages for it are kept.</summary>
    Task CreateAbsentAsync(string name, CancellationToken cancellationToken);

    /// <summary>Attaches an agent that sends; <see cref="IRequester.RequestAsync"/> completes with nothing when the server has stored the message.</summary>
    Task<IRequester> ConnectSenderAsync(string name, CancellationToken cancellationToken);

    /// <summary>Attaches the absent agent; it acknowledges and reports every message that comes.</summary>
    Task<IAsyncDisposable> ConnectReceiverAsync(string name, Action onMessage, CancellationToken cancellationToken);
}
