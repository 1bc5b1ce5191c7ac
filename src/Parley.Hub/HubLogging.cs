using Microsoft.Extensions.Logging;

namespace Parley.Hub;

/// <summary>Keeps the web framework's own lines out of the log: they print request paths, and codes and secrets travel in some.</summary>
internal static class HubLogging
{
    /// <summary>Filters in code, so that no configuration brings the lines back.</summary>
    public static void HidePaths(ILoggingBuilder logging)
    {
        logging.AddFilter((category, level) => category is null || !category.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || level >= LogLevel.Warning);
        logging.AddFilter((category, level) => category is null || !category.StartsWith("Microsoft.Hosting", StringComparison.Ordinal) || level >= LogLevel.Warning);
    }
}
