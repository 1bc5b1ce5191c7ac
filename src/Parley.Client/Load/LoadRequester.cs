using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Load;

/// <summary>A calling link with a table of requests that wait; replies are completed on the reading thread.</summary>
public sealed class LoadRequester : IRequester, ILinkEvents
{
    private readonly PendingReplies _pending = new();
    private readonly BufferedRandom _random = new(RandomNumberGenerator.Fill);
    private readonly HubLink.HubLink _link;
    private readonly bool _waits;

    private LoadRequester(LoadAgent home, bool waits, TimeProvider timeProvider)
    {
        _waits = waits;
        _link = LoadLink.Make(home, SessionRole.Caller, this, timeProvider);
    }

    /// <summary>Attaches.</summary>
    /// <param name="home">Who asks.</param>
    /// <param name="waits">Whether a request waits for its reply; else it is over when the hub has accepted it.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the wait for the link.</param>
    public static async Task<LoadRequester> ConnectAsync(LoadAgent home, bool waits, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var requester = new LoadRequester(home, waits, timeProvider);
        await LoadLink.OpenAsync(requester._link, cancellationToken);
        return requester;
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> RequestAsync(string target, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var request = new SendRequest(new Message { Content = UnsafeByteOperations.UnsafeWrap(payload) }, MessageType.Text) { Waits = _waits };
        var envelope = EnvelopeFactory.Request(request, target, EnvelopeId.Make(_random.Fill));
        if (!_waits)
        {
            return SendAsync(envelope, cancellationToken);
        }

        var reply = _pending.Add(envelope.Id);
        _link.Submit(envelope);
        return reply;
    }

    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        var id = incoming.Envelope.Correlation;
        if (incoming.Envelope.Kind == EnvelopeKind.Reply && _pending.Take(id) is { } pending)
        {
            _link.Acknowledge(incoming);
            _link.EndAwait(id);
            pending.Complete(Reply.Parser.ParseFrom(incoming.Envelope.Body.Span).Content.Memory);
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt)
    {
        if (receipt.State is ReceiptState.Refused or ReceiptState.Expired or ReceiptState.Failed && _pending.Take(receipt.Id) is { } pending)
        {
            pending.Fail(new ParleyException(ErrorMap.FromWireName(receipt.Code), receipt.Message));
        }
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

    private async ValueTask<ReadOnlyMemory<byte>> SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        await _link.SendAsync(envelope, cancellationToken);
        return default;
    }
}
