using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Client.HubLink;
using Parley.Protocol.Errors;

namespace Parley.Client.Rooms;

/// <summary>Rooms over HTTP: docs/protocol/rooms.md as a client.</summary>
public sealed class HttpRoomDoor : IRoomDoor
{
    private const string HumanHeader = "X-Parley-Human";
    private const string MessageHeader = "X-Parley-Message";
    private const string CodeHeader = "X-Parley-Error";

    // The hub slows a busy sender by up to 20 s and holds a wait for 110 s.
    private static readonly TimeSpan _callTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _waitTimeout = TimeSpan.FromSeconds(125);

    private readonly HubKeySeen _seen = new();
    private readonly HttpClient _http;
    private readonly RoomHub _hub;
    private readonly TimeProvider _time;

    /// <summary>A door to one hub; nothing is sent yet.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="time">For time-outs.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the address would be spoken to in the clear.</exception>
    public HttpRoomDoor(RoomHub hub, TimeProvider time)
    {
        (_hub, _time) = (hub, time);
        _http = new HttpClient(HubHandler.Make(hub.Address, hub.Pin, _seen, hub.AllowInsecure)) { BaseAddress = hub.Address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public async Task<RoomSeat> OpenAsync(bool isListener, bool isHeadless, string? token, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new RoomSetupJson(isListener ? "listener" : "standard", isHeadless), RoomJson.Default.RoomSetupJson);
        var seat = await CallAsync(Post("/setup", token, json), RoomJson.Default.RoomSeatJson, cancellationToken);
        return new RoomSeat(seat.Token, seat.Role, seat.Code ?? throw Strange(), isHeadless);
    }

    /// <inheritdoc/>
    public async Task<RoomSeat> JoinAsync(string code, CancellationToken cancellationToken)
    {
        var seat = await CallAsync(Post("/register-and-join/" + Uri.EscapeDataString(code), null, null), RoomJson.Default.RoomSeatJson, cancellationToken);
        return new RoomSeat(seat.Token, seat.Role, null, seat.Headless);
    }

    /// <inheritdoc/>
    public async Task SendAsync(string token, RoomMessage message, CancellationToken cancellationToken)
    {
        var request = Post("/send", token, null);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(message.Text));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        request.Headers.Add(MessageHeader, message.Id);
        if (message.IsHuman)
        {
            request.Headers.Add(HumanHeader, "1");
        }

        await CallAsync(request, _callTimeout, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<RoomItem?> WaitAsync(string token, CancellationToken cancellationToken)
    {
        var body = await CallAsync(Request(HttpMethod.Get, "/wait", token), _waitTimeout, cancellationToken);
        return RoomFrame.Read(Encoding.UTF8.GetString(body));
    }

    /// <inheritdoc/>
    public async Task<RoomPresence> PingAsync(string token, CancellationToken cancellationToken)
    {
        var ping = await CallAsync(Request(HttpMethod.Get, "/ping", token), RoomJson.Default.RoomPingJson, cancellationToken);
        return new RoomPresence(ping.PartnerConnected, ping.PartnerLastSeenMs is { } ago ? TimeSpan.FromMilliseconds(ago) : null);
    }

    /// <inheritdoc/>
    public Task SetHeadlessAsync(string token, bool isHeadless, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new RoomRuleJson(isHeadless), RoomJson.Default.RoomRuleJson);
        return CallAsync(Post("/room-rule/headless", token, json), _callTimeout, cancellationToken);
    }

    /// <inheritdoc/>
    public Task LeaveAsync(string token, CancellationToken cancellationToken) => CallAsync(Post("/leave", token, null), _callTimeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static HttpRequestMessage Post(string path, string? token, byte[]? json)
    {
        var request = Request(HttpMethod.Post, path, token);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(json);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return request;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? token)
    {
        var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return request;
    }

    private async Task<T> CallAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var body = await CallAsync(request, _callTimeout, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw Strange(exception);
        }
    }

    private async Task<byte[]> CallAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using (request)
            {
                using var response = await _http.SendAsync(request, either.Token);
                var body = await response.Content.ReadAsByteArrayAsync(either.Token);
                return response.IsSuccessStatusCode ? body : throw Refusal(response, body);
            }
        }
        catch (HttpRequestException exception)
        {
            throw HubHandler.Explain(exception, _hub.Address, _seen, canPin: _hub.Pin is null);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.HubUnreachable, $"The hub at {_hub.Address.Authority} did not answer in time.", exception);
        }
    }

    private static ParleyException Refusal(HttpResponseMessage response, byte[] body)
    {
        string? sentence = null;
        try
        {
            sentence = JsonSerializer.Deserialize(body, RoomJson.Default.RoomErrorJson)?.Error;
        }
        catch (JsonException)
        {
            // A page of a proxy, or the plain text of a loop: the status says enough.
        }

        var named = response.Headers.TryGetValues(CodeHeader, out var values) ? values.FirstOrDefault() : null;
        return RoomRefusals.Of(response.StatusCode, named, sentence, response.Headers.RetryAfter?.Delta);
    }

    private ParleyException Strange(Exception? cause = null) =>
        new(ErrorCode.HubUnreachable, $"What answers at {_hub.Address.Authority} is no Parley hub.", cause);
}
