using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Cli.Up;

/// <summary>The desk of an agent that nobody sits at: its responder answers everything.</summary>
internal sealed class EchoDesk : IMessageDesk
{
    /// <inheritdoc/>
    public Task ShowAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken) => throw NobodyHere();

    /// <inheritdoc/>
    public Task<string> SaveAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken) => throw NobodyHere();

    /// <inheritdoc/>
    public void Answered(Envelope envelope, ResponderRequest request, Reply reply)
    {
    }

    private static ParleyException NobodyHere() => new(ErrorCode.ResponderMissing, "The demo agent answers text and commands alone.");
}
