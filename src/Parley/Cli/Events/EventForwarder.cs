using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Hub.Connections.Webhooks;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.Events;

/// <summary>Posts events to an address that this machine reaches and the hub does not: webhooks as the hub sends them, one after the other, each until it is taken.</summary>
internal sealed class EventForwarder : IDisposable
{
    /// <summary>The variable that holds the secret that signs.</summary>
    public const string SecretVariable = "PARLEY_WEBHOOK_SECRET";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly byte[]? _secret;
    private readonly CommandContext _context;

    private EventForwarder(HttpClient http, Uri address, byte[]? secret, CommandContext context) => (_http, _address, _secret, _context) = (http, address, secret, context);

    /// <summary>A forwarder to an address.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static EventForwarder Open(string url, CommandContext context)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--forward is http://HOST:PORT/PATH or https://...");
        }

        var secret = context.Environment(SecretVariable) is { Length: > 0 } text ? WebhookSecret.Read(text.Trim()) : null;
        return new EventForwarder(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = _timeout }, address, secret, context);
    }

    /// <summary>Posts an event until the receiver takes it.</summary>
    public async Task ForwardAsync(EventView value, CancellationToken cancellationToken)
    {
        var body = Payload(value);
        for (var wait = TimeSpan.FromSeconds(1); ; wait = TimeSpan.FromTicks(Math.Min(_longestWait.Ticks, wait.Ticks * 2)))
        {
            var failure = await TryAsync(value, body, cancellationToken);
            if (failure is null)
            {
                return;
            }

            _context.Terminal.Note($"{value.Id} was not taken ({failure}); again in {wait.TotalSeconds:0} s");
            await Task.Delay(wait, _context.Time, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<string?> TryAsync(EventView value, byte[] body, CancellationToken cancellationToken)
    {
        var now = _context.Time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation(WebhookSignature.IdHeader, value.Id);
        request.Headers.TryAddWithoutValidation(WebhookSignature.TimestampHeader, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("traceparent", value.TraceParent);
        if (_secret is not null)
        {
            request.Headers.TryAddWithoutValidation(WebhookSignature.SignatureHeader, WebhookSignature.Sign([_secret], value.Id, now, body));
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode}");
        }
        catch (HttpRequestException)
        {
            return "no answer";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "no answer in time";
        }
    }

    private static byte[] Payload(EventView value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type", value.Type);
            json.WriteString("timestamp", value.Timestamp);
            json.WriteString("id", value.Id);
            json.WriteString("source", value.Source);
            if (value.Subject is not null)
            {
                json.WriteString("subject", value.Subject);
            }

            json.WritePropertyName("data");
            value.Data.WriteTo(json);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }
}
