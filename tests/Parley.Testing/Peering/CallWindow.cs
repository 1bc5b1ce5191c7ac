using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Testing.Peering;

/// <summary>Plays the browser of a call: speaks the page's words over its link, and has no media.</summary>
public sealed class CallWindow : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 << 10];

    private CallWindow()
    {
    }

    /// <summary>The certificate that this window would show, as browsers write its hash.</summary>
    public string Fingerprint { get; } = string.Join(':', RandomNumberGenerator.GetBytes(32).Select(static one => one.ToString("X2", CultureInfo.InvariantCulture)));

    /// <summary>Opens the page's link and shows a certificate.</summary>
    /// <param name="program">A running <c>p2p call --no-browser</c>.</param>
    public static async Task<CallWindow> OpenAsync(RealProcess program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return await OpenAsync(new Uri((await program.WaitForErrorAsync("http://127.0.0.1:")).Trim()));
    }

    /// <summary>Opens the page's link and shows a certificate.</summary>
    /// <param name="address">Where the page is.</param>
    public static async Task<CallWindow> OpenAsync(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var window = new CallWindow();
        window._socket.Options.SetRequestHeader("Origin", address.GetLeftPart(UriPartial.Authority));
        await window._socket.ConnectAsync(new UriBuilder(new Uri(address, "link")) { Scheme = "ws" }.Uri, CancellationToken.None);
        await window.SayAsync($$"""{"type":"hello","fingerprint":"{{window.Fingerprint}}"}""");
        return window;
    }

    /// <summary>Says something to the program.</summary>
    public Task SayAsync(string json) => _socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Describes this end with its certificate and one more line, to the other page.</summary>
    public Task DescribeAsync(string line) =>
        SayAsync("{\"type\":\"signal\",\"signal\":{\"description\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\na=fingerprint:sha-256 " + Fingerprint + "\\r\\n" + line + "\\r\\n\"}}}");

    /// <summary>Waits for a word of the program.</summary>
    public async Task<JsonElement> WaitForAsync(string type)
    {
        using var limit = new CancellationTokenSource(Deadline.Shared);
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(_buffer.AsMemory(length), limit.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            using var json = JsonDocument.Parse(_buffer.AsMemory(0, length));
            if (json.RootElement.GetProperty("type").GetString() == type)
            {
                return json.RootElement.Clone();
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
