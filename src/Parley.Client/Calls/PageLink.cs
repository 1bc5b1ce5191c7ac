using System.Net.WebSockets;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Client.Calls;

/// <summary>Messages between the program and its page.</summary>
internal sealed class PageLink(WebSocket socket) : IDisposable
{
    private const int MaxBytes = 64 << 10;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly byte[] _buffer = new byte[MaxBytes];

    /// <summary>Tells the page something; nothing happens when it is gone.</summary>
    public async Task SayAsync(PageMessage message, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, CallJson.Default.PageMessage);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or IOException)
        {
            // Whoever reads finds out.
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The next message; null when the page is gone.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>.</exception>
    public async Task<PageMessage?> HearAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        try
        {
            while (true)
            {
                var piece = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
                length += piece.Count;
                if (piece.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                if (piece.EndOfMessage)
                {
                    break;
                }

                if (length == MaxBytes)
                {
                    throw Broken(null);
                }
            }

            return JsonSerializer.Deserialize(_buffer.AsSpan(0, length), CallJson.Default.PageMessage) ?? throw Broken(null);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or IOException)
        {
            return null;
        }
        catch (JsonException exception)
        {
            throw Broken(exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static ParleyException Broken(Exception? cause) => new(ErrorCode.ProtocolViolation, "The page said something that it never says.", cause);
}
