using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Client.HubLink;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Client.HubApi;

/// <summary>Calls the hub's <c>/api</c>: JSON out and in, refusals as <see cref="ParleyException"/>.</summary>
public sealed class HubApiClient : IDisposable
{
    // Management is quick; what takes longer hangs.
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    private readonly HubKeySeen _seen = new();
    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly bool _isPinned;

    /// <summary>A client for one hub.</summary>
    /// <param name="address">The hub's HTTP address.</param>
    /// <param name="pin">The hub's key, for a hub that made its own certificate.</param>
    /// <param name="allowInsecure">Whether plain HTTP to another machine is accepted.</param>
    /// <param name="key">The admin key or an API key; null for routes that need none.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the address would be spoken to in the clear.</exception>
    public HubApiClient(Uri address, SpkiPin? pin, bool allowInsecure, string? key)
    {
        _address = address;
        _isPinned = pin is not null;
        _http = new HttpClient(HubHandler.Make(address, pin, _seen, allowInsecure)) { BaseAddress = address, Timeout = _timeout };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Asks for something.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.HubUnreachable"/>, <see cref="ErrorCode.PinMismatch"/>, or what the hub refused with.</exception>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), type, cancellationToken);

    /// <summary>Removes something.</summary>
    /// <exception cref="ParleyException">As <see cref="GetAsync"/>.</exception>
    public Task<T> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), type, cancellationToken);

    /// <summary>Does something.</summary>
    /// <exception cref="ParleyException">As <see cref="GetAsync"/>.</exception>
    public Task<T> PostAsync<TArguments, T>(
        string path, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, arguments, argumentsType, type, cancellationToken);

    /// <summary>Changes something.</summary>
    /// <exception cref="ParleyException">As <see cref="GetAsync"/>.</exception>
    public Task<T> PatchAsync<TArguments, T>(
        string path, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, arguments, argumentsType, type, cancellationToken);

    /// <summary>Sets something.</summary>
    /// <exception cref="ParleyException">As <see cref="GetAsync"/>.</exception>
    public Task<T> PutAsync<TArguments, T>(
        string path, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, arguments, argumentsType, type, cancellationToken);

    private Task<T> SendAsync<TArguments, T>(
        HttpMethod method, string path, TArguments arguments, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(arguments, argumentsType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(new HttpRequestMessage(method, path) { Content = content }, type, cancellationToken);
    }

    /// <summary>The hub's clock, from the answer to <c>/health</c>, to the second.</summary>
    /// <returns>Null when the answer names no time.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.HubUnreachable"/>, <see cref="ErrorCode.PinMismatch"/>.</exception>
    public async Task<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken)
    {
        using var response = await CallAsync(new HttpRequestMessage(HttpMethod.Get, "/health"), cancellationToken);
        return response.IsSuccessStatusCode ? response.Headers.Date : throw Strange(null);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await CallAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        try
        {
            if (!response.IsSuccessStatusCode)
            {
                var refusal = JsonSerializer.Deserialize(body, ManagementJson.Answers.ErrorAnswer)!.Error;
                throw new ParleyException(ErrorMap.FromWireName(refusal.Code), refusal.Message);
            }

            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw Strange(exception);
        }
    }

    private async Task<HttpResponseMessage> CallAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                return await _http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException exception)
            {
                throw HubHandler.Explain(exception, _address, _seen, canPin: !_isPinned);
            }
            catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ParleyException(ErrorCode.HubUnreachable, $"The hub at {_address.Authority} did not answer in time.", exception);
            }
        }
    }

    private ParleyException Strange(Exception? cause) =>
        new(ErrorCode.HubUnreachable, $"What answers at {_address.Authority} is no Parley hub.", cause);
}
