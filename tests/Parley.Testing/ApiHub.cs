using Parley.Hub.Identity.Keys;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Hub;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Sqlite;

namespace Parley.Testing;

/// <summary>A real hub on free loopback ports, with a store in memory and every log line recorded; disposing fails on an unannounced Warning.</summary>
public sealed class ApiHub : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly TimeProvider _time;

    private ApiHub(HubApplication hub, LogSink log, TempFolder folder, TimeProvider time)
    {
        (Hub, Log, _folder, _time) = (hub, log, folder, time);
        AdminKey = File.ReadAllText(folder.PathOf("admin.key")).Trim();
        Guest = new HttpClient { BaseAddress = hub.LocalHttp };
        Admin = ClientWith(AdminKey);
    }

    /// <summary>What was logged.</summary>
    public LogSink Log { get; }

    /// <summary>A caller without a key.</summary>
    public HttpClient Guest { get; }

    /// <summary>A caller with the admin key.</summary>
    public HttpClient Admin { get; }

    /// <summary>The admin key.</summary>
    public string AdminKey { get; }

    /// <summary>The data folder.</summary>
    public string DataFolder => _folder.FullPath;

    /// <summary>The hub.</summary>
    internal HubApplication Hub { get; }

    /// <summary>The hub's id and key.</summary>
    internal HubKey Key => Get<HubKey>();

    /// <summary>Starts a hub.</summary>
    /// <param name="configure">Changes options before the start.</param>
    /// <param name="time">The hub's clock; null: the system's.</param>
    /// <param name="parts">Store and backplane that several hubs share.</param>
    internal static async Task<ApiHub> StartAsync(Action<HubOptions>? configure = null, TimeProvider? time = null, HubParts? parts = null)
    {
        var (folder, log) = (new TempFolder(), new LogSink());
        var options = new HubOptions
        {
            Http = new Uri("http://127.0.0.1:0"),
            Grpc = new Uri("http://127.0.0.1:0"),
            DataFolder = folder.FullPath,
            Durability = Durability.Memory,
        };
        options.Sessions.DrainSpread = TimeSpan.Zero;
        configure?.Invoke(options);
        var hub = await HubApplication.StartAsync(
            options,
            time ?? TimeProvider.System,
            System.Security.Cryptography.RandomNumberGenerator.Fill,
            logging => logging.SetMinimumLevel(LogLevel.Trace).Services.AddSingleton<ILoggerProvider>(_ => new KeptOpen(log)),
            parts);
        return new ApiHub(hub, log, folder, time ?? TimeProvider.System);
    }

    /// <summary>A caller with a key.</summary>
    public HttpClient ClientWith(string key)
    {
        var client = new HttpClient { BaseAddress = Hub.LocalHttp };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Makes a join string.</summary>
    public async Task<JoinString> CreateTokenAsync(string owner = "local", long? maxAgents = null, long? maxUses = null)
    {
        var arguments = JsonSerializer.Serialize(new TokenArguments(owner, null, maxAgents, maxUses), ManagementJson.Default.TokenArguments);
        using var content = new StringContent(arguments, Encoding.UTF8, "application/json");
        using var response = await Admin.PostAsync("/api/tokens", content);
        response.EnsureSuccessStatusCode();
        var created = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), ManagementJson.Default.ItemNewToken)!.Data;
        return JoinString.Parse(created.Join);
    }

    /// <summary>Sends a request to join.</summary>
    public async Task<HttpResponseMessage> EnrolAsync(EnrolRequest request)
    {
        using var content = new StringContent(JsonSerializer.Serialize(request, ManagementJson.Default.EnrolRequest), Encoding.UTF8, "application/json");
        return await Guest.PostAsync("/api/enrol", content);
    }

    /// <summary>Enrols an agent with fresh keys.</summary>
    public async Task<ApiAgent> JoinAsync(string name, string owner = "local", string? labels = null)
    {
        var join = await CreateTokenAsync(owner);
        var agent = new ApiAgent();
        using var response = await EnrolAsync(agent.Request(join.HubId, join.Token, name, _time.GetUtcNow(), labels: labels));
        response.EnsureSuccessStatusCode();
        return agent;
    }

    /// <summary>A service of the hub.</summary>
    public T Get<T>()
        where T : notnull => Hub.Services.GetRequiredService<T>();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Guest.Dispose();
        Admin.Dispose();
        await Hub.StopAsync(CancellationToken.None);
        await Hub.DisposeAsync();
        _folder.Dispose();
        Log.Dispose();
    }

    // The hub disposes its providers; the sink is asked afterwards.
    private sealed class KeptOpen(LogSink log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }
}
