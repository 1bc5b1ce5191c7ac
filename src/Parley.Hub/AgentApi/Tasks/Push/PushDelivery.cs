using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Sqlite;
using Task = System.Threading.Tasks.Task;

namespace Parley.Hub.AgentApi.Tasks.Push;

/// <summary>Sends push notifications: the events of a task, in order, to each address that wants them, until it has them or has failed for too long.</summary>
/// <remarks>
/// The queue is the task's own log, and each config remembers how far its address has come; so nothing is kept twice, and a restart goes on where it stopped. An event may come twice after a crash.
/// An address that reads 1.0 gets each event as a StreamResponse; one that reads 0.3 gets the task as it is, once for all that is new.
/// </remarks>
internal sealed partial class PushDelivery : IAsyncDisposable
{
    private const string TokenHeader = "X-A2A-Notification-Token";
    private const string VersionHeader = "A2A-Version";
    private const long ReadBytes = 64 * 1024;

    private static readonly TimeSpan _retryStoreAfter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Task, string Config), Lane> _lanes = [];
    private readonly RunningWork _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _places;
    private readonly TaskReader _reader;
    private readonly TaskStore _store;
    private readonly OutboundHttp _http;
    private readonly OutboundPolicy _policy;
    private readonly TaskOptions _options;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly ILogger<PushDelivery> _logger;
    private long _sent;
    private long _givenUp;

    /// <summary>The notifications of one hub.</summary>
    public PushDelivery(
        TaskReader reader, TaskStore store, OutboundHttp http, OutboundPolicy policy, TaskOptions options, TimeProvider time, FillRandom random, ILogger<PushDelivery> logger)
    {
        (_reader, _store, _http, _options, _time, _random, _logger) = (reader, store, http, options, time, random, logger);
        _policy = policy with { ResponseTimeout = options.PushTimeout, ConnectTimeout = options.PushTimeout };
        _places = new SemaphoreSlim(options.PushConcurrency);
    }

    /// <summary>Notifications that were taken.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Notifications that were given up.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    /// <summary>A task has news, or a new config.</summary>
    public void Wake(string taskId) => _running.Add(WakeAsync(taskId));

    /// <summary>Goes on with what was not told when the hub stopped.</summary>
    public async Task ResumeAsync()
    {
        foreach (var task in await _reader.BehindAsync())
        {
            Wake(task);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.EndAsync();
        _stopping.Dispose();
        _places.Dispose();
    }

    private async Task WakeAsync(string taskId)
    {
        await GuardedAsync(async () =>
        {
            foreach (var push in await _reader.PushesAsync(taskId, _stopping.Token))
            {
                Start((taskId, push.Config.Id));
            }
        });
    }

    private void Start((string Task, string Config) key)
    {
        lock (_lanes)
        {
            if (_lanes.TryGetValue(key, out var lane))
            {
                lane.HasNews = true;
                return;
            }

            _lanes[key] = new Lane();
        }

        _running.Add(GuardedAsync(() => RunAsync(key)));
    }

    private async Task RunAsync((string Task, string Config) key)
    {
        try
        {
            do
            {
                while (await FindAsync(key) is { } push && await NextAsync(push) is { } next)
                {
                    await DeliverAsync(key, next);
                }
            }
            while (MustGoOn(key));
        }
        catch (Exception exception) when (exception is not StoreUnavailableException)
        {
            lock (_lanes)
            {
                _lanes.Remove(key);
            }

            throw;
        }
    }

    private bool MustGoOn((string Task, string Config) key)
    {
        lock (_lanes)
        {
            if (_lanes[key].HasNews)
            {
                _lanes[key].HasNews = false;
                return true;
            }

            _lanes.Remove(key);
            return false;
        }
    }

    private async Task<StoredPush?> FindAsync((string Task, string Config) key) =>
        (await _reader.PushesAsync(key.Task, _stopping.Token)).FirstOrDefault(push => push.Config.Id == key.Config);

    // The next notification and the number of the last event in it; null when the address has everything.
    private async Task<(long Number, byte[] Body)?> NextAsync(StoredPush push)
    {
        if (push.Version == A2aVersion.V1)
        {
            var events = await _reader.EventsAsync(push.TaskId, push.Number, ReadBytes, _stopping.Token);
            return events is [var first, ..] ? (first.Number, JsonDialect.V1.ToBytes(first.Response).ToArray()) : null;
        }

        return await _reader.FindAnyAsync(push.TaskId, _stopping.Token) is { } stored && stored.Number > push.Number
            ? (stored.Number, JsonDialect.Kind.ToBytes(TaskTranslation.ToV03(stored.Task, new Losses())).ToArray())
            : null;
    }

    private async Task DeliverAsync((string Task, string Config) key, (long Number, byte[] Body) next)
    {
        for (var attempt = 1; await FindAsync(key) is { } push; attempt++)
        {
            var outcome = await PostAsync(push, next.Body);
            if (outcome.IsTaken)
            {
                Interlocked.Increment(ref _sent);
                await NoteAsync(key, next.Number);
                return;
            }

            if (outcome.IsFinal || attempt >= _options.PushAttempts)
            {
                await GiveUpAsync(key, attempt);
                return;
            }

            await Task.Delay(PushBackoff.After(attempt, outcome.RetryAfter, _random), _time, _stopping.Token);
        }
    }

    // The address had its chances: what waits for it would only meet the same end. News begin afresh.
    private async Task GiveUpAsync((string Task, string Config) key, int attempts)
    {
        Interlocked.Increment(ref _givenUp);
        LogGivenUp(key.Task, key.Config, attempts);
        await NoteAsync(key, await _reader.LastNumberAsync(key.Task, _stopping.Token));
    }

    // What the address took must not go out again because the store takes nothing.
    private Task NoteAsync((string Task, string Config) key, long number) => OnceStoreAnswersAsync(() => _store.NotePushedAsync(key.Task, key.Config, number));

    private async Task<PushOutcome> PostAsync(StoredPush push, byte[] body)
    {
        await _places.WaitAsync(_stopping.Token);
        try
        {
            using var request = RequestOf(push, body);
            using var response = await _http.For(_policy).SendAsync(request, _stopping.Token);
            return PushOutcome.Of(response, _time.GetUtcNow());
        }
        catch (ParleyException exception)
        {
            return new PushOutcome(false, exception.Code is ErrorCode.OutboundRefused or ErrorCode.InvalidArgument, null);
        }
        catch (HttpRequestException)
        {
            return new PushOutcome(false, false, null);
        }
        finally
        {
            _places.Release();
        }
    }

    private static HttpRequestMessage RequestOf(StoredPush push, byte[] body)
    {
        var (config, isV1) = (push.Config, push.Version == A2aVersion.V1);
        var request = new HttpRequestMessage(HttpMethod.Post, config.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(isV1 ? "application/a2a+json" : "application/json");
        request.Headers.TryAddWithoutValidation(VersionHeader, isV1 ? "1.0" : "0.3");
        if (config.Token.Length > 0)
        {
            request.Headers.TryAddWithoutValidation(TokenHeader, config.Token);
        }

        if (config.Authentication is { Scheme.Length: > 0 } authentication)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"{authentication.Scheme} {authentication.Credentials}".TrimEnd());
        }

        return request;
    }

    private async Task GuardedAsync(Func<Task> step)
    {
        try
        {
            await OnceStoreAnswersAsync(step);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The hub stops; the config remembers how far its address has come.
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    // Nothing else may come that would wake it: the task's last event is told like any other.
    private async Task OnceStoreAnswersAsync(Func<Task> step)
    {
        while (true)
        {
            try
            {
                await step();
                return;
            }
            catch (StoreUnavailableException)
            {
                // The store says so in the log.
                await Task.Delay(_retryStoreAfter, _time, _stopping.Token);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Task {Task}: push config {Config} was given up after {Attempts} attempts")]
    private partial void LogGivenUp(string task, string config, int attempts);

    [LoggerMessage(LogLevel.Error, "Push notifications of a task ended")]
    private partial void LogFailed(Exception exception);

    /// <summary>One address of one task that is being notified.</summary>
    private sealed class Lane
    {
        /// <summary>Something came since it looked.</summary>
        public bool HasNews { get; set; }
    }
}
