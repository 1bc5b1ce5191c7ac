using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Parley.Hub;

/// <summary>Keeps the web framework's own lines out of the log: they print request paths, and codes and secrets travel in some.</summary>
internal static class HubLogging
{
    /// <summary>Filters in code alone: what configuration says about log levels is taken out, so that nothing brings the lines back.</summary>
    public static void HidePaths(ILoggingBuilder logging)
    {
        logging.Services.RemoveAll<IConfigureOptions<LoggerFilterOptions>>();
        logging.Services.RemoveAll<IOptionsChangeTokenSource<LoggerFilterOptions>>();
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // A start that fails is thrown; a line beside it would say it twice.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
    }
}
