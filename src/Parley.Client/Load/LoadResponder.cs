using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Load;

/// <summary>A listening link that acknowledges each request and replies with its content on the reading thread: no journal and no responder, so that the hub is what counts.</summary>
public sealed class LoadResponder : ILinkEvents, IAsyncDisposable
{
    private readonly HubLink.HubLink _link;

    private LoadResponder(LoadAgent home, TimeProvider timeProvider) => _link = LoadLink.Make(home, SessionRole.Listen, this, timeProvider);

    /// <summary>Attaches.</summary>
    public static async Task<LoadResponder> ConnectAsync(LoadAgent home, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var responder = new LoadResponder(home, timeProvider);
        await LoadLink.OpenAsync(responder._link, cancellationToken);
        return responder;
    }

    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        _link.Acknowledge(incoming);
        if (incoming.Envelope.Kind == EnvelopeKind.Request)
        {
            var content = Message.Parser.ParseFrom(incoming.Envelope.Body.Span).Content;
            var reply = new Reply { State = ReplyState.Completed, Type = incoming.Envelope.Type, Content = content };
            _link.Submit(EnvelopeFactory.Reply(incoming.Envelope, reply));
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt)
    {
    }

    /// <inheritdoc/>
    public void OnConnected(Welcome welcome)
    {
    }

    /// <inheritdoc/>
    public void OnDisconnected(string reason)
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();
}
