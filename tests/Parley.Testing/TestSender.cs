using System.Text;
using Google.Protobuf;
using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Testing;

/// <summary>A sender with its link.</summary>
internal sealed class TestSender(Sender sender, HubLink link) : IAsyncDisposable
{
    /// <summary>The sender.</summary>
    public Sender Sender => sender;

    /// <summary>Its link.</summary>
    public HubLink Link => link;

    /// <summary>A text as a request.</summary>
    public static SendRequest Text(string text) => new(new Message { Content = ByteString.CopyFromUtf8(text) }, MessageType.Text);

    /// <summary>The text of a result's reply; fails the test when there is none.</summary>
    public static string TextOf(SendResult result) => result.Reply is { } reply
        ? Encoding.UTF8.GetString(reply.Content.Span)
        : throw new InvalidOperationException($"No reply: {result.Status}, {result.Error?.Code} {result.Error?.Message}");

    /// <summary>Sends a text and waits for the reply.</summary>
    public Task<SendResult> AskAsync(string target, string text, CancellationToken cancellationToken) => SendAsync(target, Text(text), cancellationToken);

    /// <summary>Sends a request.</summary>
    public Task<SendResult> SendAsync(string target, SendRequest request, CancellationToken cancellationToken) =>
        sender.SendAsync(target, request, null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => link.DisposeAsync();
}
