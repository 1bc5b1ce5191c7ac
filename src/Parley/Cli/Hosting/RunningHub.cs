using Parley.Hub.Identity.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Hub;
using Parley.Hub.Backup;
using Parley.Output;
using Parley.Protocol.Errors;

namespace Parley.Cli.Hosting;

/// <summary>A hub inside this process: alone on its data folder, announced in <see cref="HubFile"/>, stopped in order.</summary>
internal sealed class RunningHub : IAsyncDisposable
{
    internal const string LockName = "hub";

    // Links are asked to move first; what still holds on after this is cut.
    private static readonly TimeSpan _stopLimit = TimeSpan.FromSeconds(15);

    private readonly HubApplication _hub;
    private readonly IDisposable _lock;
    private readonly string _data;
    private readonly TimeProvider _time;
    private readonly ITimer _quiet;

    private RunningHub(HubApplication hub, IDisposable held, HubFile file, string data, TimeProvider time)
    {
        (_hub, _lock, File, _data, _time) = (hub, held, file, data, time);
        var memory = new QuietMemory();
        _quiet = time.CreateTimer(_ => GiveBack(memory, time), null, QuietMemory.Interval, QuietMemory.Interval);
    }

    /// <summary>Where it is.</summary>
    public HubFile File { get; }

    /// <summary>The modules of the hub.</summary>
    public IServiceProvider Services => _hub.Services;

    /// <summary>Starts a hub and writes <see cref="HubFile"/>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: another hub runs on the data folder; and whatever stops the hub from starting.</exception>
    public static async Task<RunningHub> StartAsync(HubOptions options, CommandContext context, CancellationToken cancellationToken)
    {
        var held = HomeFolder.Open(options.DataFolder, context.Environment).TryLock(LockName)
            ?? throw new ParleyException(ErrorCode.Conflict, $"Another hub runs on the data folder {options.DataFolder}.");
        HubApplication? hub = null;
        try
        {
            HubFiles.RequireWhole(options.DataFolder);
            hub = await HubApplication.StartAsync(options, context.Time, context.FillRandom, logging => Log(logging, options.DataFolder, context), null, cancellationToken);
            var file = new HubFile(
                Environment.ProcessId,
                Addresses.Text(hub.LocalHttp),
                Addresses.Text(hub.LocalGrpc),
                options.PublicUrl is { } url ? Addresses.Text(url) : null,
                null,
                context.Time.GetUtcNow(),
                hub.Services.GetRequiredService<HubKey>().Pin?.Value);
            file.Write(options.DataFolder);
            return new RunningHub(hub, held, file, options.DataFolder, context.Time);
        }
        catch
        {
            if (hub is not null)
            {
                await hub.DisposeAsync();
            }

            held.Dispose();
            throw;
        }
    }

    /// <summary>Drains and stops the hub; new commands do not find it from now on.</summary>
    public async Task StopAsync()
    {
        HubFile.Remove(_data);
        using var limit = new CancellationTokenSource(_stopLimit, _time);
        await _hub.StopAsync(limit.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        HubFile.Remove(_data);
        await _quiet.DisposeAsync();
        await _hub.DisposeAsync();
        _lock.Dispose();
    }

    private static void GiveBack(QuietMemory memory, TimeProvider time)
    {
        if (memory.IsDue(GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime, time.GetElapsedTime(0)))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private static void Log(ILoggingBuilder logging, string data, CommandContext context) => logging
        .SetMinimumLevel(context.LogLevel ?? (HubEnvironment.Read(context.Environment).IsSilent ? LogLevel.None : LogLevel.Warning))
        .AddProvider(new TerminalLoggerProvider(context.Terminal, context.Bugs(() => data).TryKeep, isAskedFor: true));
}
